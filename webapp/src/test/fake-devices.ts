/** A microphone and a camera that open, refuse, record and break when a test says so. */
import type {
  Camera,
  Capture,
  CaptureNews,
  Devices,
  Opened,
  Refusal,
  Wish,
} from '../core/recording/devices.ts';
import { nextTask } from './next-task.ts';

type Asked = {
  readonly wish: Wish;
  readonly tell: (news: CaptureNews) => void;
  readonly answer: (opened: Opened) => void;
};

export class FakeDevices implements Devices {
  /** Everything that was asked for. */
  readonly wishes: Wish[] = [];
  readonly #asked: Asked[] = [];

  open(wish: Wish, tell: (news: CaptureNews) => void): Promise<Opened> {
    this.wishes.push(wish);
    return new Promise((answer) => this.#asked.push({ wish, tell, answer }));
  }

  /** What was asked for first opens. */
  async opens(): Promise<FakeCapture> {
    const { wish, tell, answer } = this.#next();
    const capture = new FakeCapture(`camera-${this.wishes.length}`, wish, tell);
    answer({ is: 'opened', capture });
    await nextTask();
    return capture;
  }

  async refuses(why: Refusal): Promise<void> {
    this.#next().answer({ is: 'refused', why });
    await nextTask();
  }

  #next(): Asked {
    const asked = this.#asked.shift();
    if (asked === undefined) throw new Error('nothing was asked for');
    return asked;
  }
}

export class FakeCapture implements Capture {
  readonly camera: Camera | null;
  readonly preview: MediaStream | null;
  readonly canSwitch = true;
  readonly tell: (news: CaptureNews) => void;
  isOn = true;
  isRecording = false;
  readonly #finished = Promise.withResolvers<Blob>();

  constructor(id: string, { kind }: Wish, tell: (news: CaptureNews) => void) {
    this.tell = tell;
    this.camera = kind === 'video' ? { id, facing: 'user' } : null;
    // Nobody looks into it here.
    this.preview = kind === 'video' ? ({ id } as MediaStream) : null;
  }

  level(): number {
    return 0.5;
  }

  begin(): void {
    this.isRecording = true;
  }

  finish(): Promise<Blob> {
    return this.#finished.promise;
  }

  finishes(blob: Blob): void {
    this.#finished.resolve(blob);
  }

  breaks(): void {
    this.#finished.reject(new Error('the recorder broke'));
  }

  close(): void {
    this.isOn = false;
  }
}
