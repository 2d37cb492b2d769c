/**
 * Keeps a fault of the screens from leaving an empty page: React offers this to classes only.
 */
import { Component, type ReactNode } from 'react';
import { Broken } from '../features/threshold/Threshold.tsx';

type Props = {
  readonly children: ReactNode;
  /** The screens are gone: what went on behind them should end. */
  readonly onFail: () => void;
  readonly onReload: () => void;
};

export class ErrorBoundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch() {
    this.props.onFail();
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="flex min-h-dvh">
        <Broken onReload={this.props.onReload} />
      </main>
    );
  }
}
