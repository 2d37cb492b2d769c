/**
 * The name of a day above what was said on it.
 */
import { useTranslation } from 'react-i18next';
import { type Day, dayWords } from './days.ts';

export function DayItem({ day, today }: { day: Day; today: Day }) {
  const { i18n } = useTranslation();
  return (
    <li data-day className="flex justify-center pt-4 pb-1">
      <span className="rounded-full bg-sunken px-3 py-0.5 text-xs text-muted">
        {dayWords(day, today, i18n.language)}
      </span>
    </li>
  );
}
