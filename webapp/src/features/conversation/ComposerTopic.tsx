/**
 * Says above the writing what it is about, and is the way out of that.
 */
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { excerptOf } from './line-acts.ts';
import type { Topic } from './topic.ts';

type ComposerTopicProps = {
  readonly topic: Topic;
  readonly peerName: string;
  readonly onCancel: () => void;
};

export function ComposerTopic({ topic, peerName, onCancel }: ComposerTopicProps) {
  const { t } = useTranslation();
  const { is, line } = topic;
  const replies =
    line.by === 'me' ? t('composer.replyToOwn') : t('composer.replyTo', { name: peerName });
  return (
    <div className="mx-auto mb-2 flex max-w-4xl items-center gap-3 ps-2">
      <Icon name={is} className="size-5 text-accent" />
      <div className="min-w-0 flex-1 border-s-3 border-accent ps-3 text-sm">
        <p className="truncate font-medium text-accent">
          {is === 'edit' ? t('composer.editing') : replies}
        </p>
        <p dir="auto" className="truncate text-muted">
          {excerptOf(line.text)}
        </p>
      </div>
      <IconButton
        label={t(is === 'edit' ? 'composer.cancelEdit' : 'composer.cancelReply')}
        onClick={onCancel}
      >
        <Icon name="close" />
      </IconButton>
    </div>
  );
}
