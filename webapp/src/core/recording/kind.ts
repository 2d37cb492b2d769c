/** What a person can record here; the order is that of the record that tells the peer of it. */
export const RECORDED_KINDS = ['voice', 'video'] as const;
export type RecordedKind = (typeof RECORDED_KINDS)[number];
