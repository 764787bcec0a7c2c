import { serveTexts, type TextWorkerData } from '../store/text/worker.ts';
import { recordingText } from './text-recording.ts';

/** Body of the text thread: the store's index of texts, which takes them from recordings. */
export function run(data: TextWorkerData): void {
  serveTexts(data, recordingText);
}
