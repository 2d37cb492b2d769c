/**
 * What Alice and Bob say to each other: twenty lines each, with what a careless client breaks on.
 */
type Turn = { readonly alice: string; readonly bob: string };

export const dialogue: readonly Turn[] = [
  { alice: 'Hello Bob, is this really you?', bob: 'It is. Ask me something only I know.' },
  { alice: 'What did we plant behind the shed?', bob: 'Quinces. Three of them died.' },
  { alice: 'Two.', bob: 'Two, then. You buried the label of the third.' },
  { alice: 'Good. <b>Nobody</b> else would admit that.', bob: 'Your & mine "secret" \\o/' },
  { alice: 'First thing: the exhibition.', bob: 'Friday at six?' },
  { alice: 'Friday at six.', bob: 'Кто ещё придёт?' },
  { alice: 'Only Vera, and she does not know about the letters.', bob: 'Then not a word to her.' },
  { alice: 'Второе: ключ от мастерской.', bob: 'Он у меня.' },
  { alice: '三番目は秘密です。', bob: 'I can still read that, you know.' },
  { alice: 'שלום, this line runs both ways', bob: 'So does ours. Go on.' },
  { alice: 'I found the last letter.', bob: 'Where?' },
  { alice: 'In the piano, under the felt.', bob: 'Forty years, and nobody tuned it.' },
  { alice: 'It is dated the ninth of May.', bob: 'So he did write before he left.' },
  { alice: 'Two pages. I copied nothing.', bob: 'Good. Bring it, and bring it yourself.' },
  { alice: 'By the night train, then.', bob: 'I will be at the station.' },
  { alice: 'Not the front. The green door, river side.', bob: 'Ring twice?' },
  { alice: 'Twice, and wait.', bob: 'And if somebody else opens?' },
  { alice: 'Then you came about the quinces.', bob: 'I always come about the quinces.' },
  { alice: 'Compare the fingerprint with me when we meet.', bob: 'Row by row. I wrote mine down.' },
  { alice: 'See you on Friday. Nothing of this stays.', bob: 'Nothing but the letter.' },
];
