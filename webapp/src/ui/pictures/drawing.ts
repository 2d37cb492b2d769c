/** What a picture is made of, on a grid of 24. */
export type Drawing = {
  /** The colour of its body, one of those that people have too (`styles/main.css`). */
  readonly hue: 'clay' | 'moss' | 'sea' | 'plum' | 'sand' | 'slate';
  /** A closed shape that is filled: what is recognised first. */
  readonly body: string;
  /** Lines upon it and around it. */
  readonly detail: string;
};
