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
  /** Whether the server has a newer version: then the fault is that this one is gone. */
  readonly askOutdated?: () => Promise<boolean>;
};

type State = { readonly failed: boolean; readonly outdated: boolean };

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { failed: false, outdated: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch() {
    this.props.onFail();
    void this.props.askOutdated?.().then((outdated) => this.setState({ outdated }));
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="flex min-h-dvh">
        <Broken outdated={this.state.outdated} onReload={this.props.onReload} />
      </main>
    );
  }
}
