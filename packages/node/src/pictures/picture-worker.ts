/**
 * Child process that decodes pictures made by apps. What a scene made an app write is hostile input for a decoder, so
 * the decoder lives where it can be killed, holds no secrets, and works on one picture at a time.
 * One message in, one out: `PictureQuestion` → `PictureAnswer`.
 */
import sharp from 'sharp';
import type { PictureAnswer, PictureQuestion } from './picture-checker.ts';

const THUMBNAIL_PIXELS = 256;
const THUMBNAIL_QUALITY = 80;
const MOST_PIXELS = 400_000_000;

sharp.cache(false);
sharp.concurrency(1);

process.on('message', (question: PictureQuestion) => {
  answer(question).then(
    (reply) => process.send?.(reply),
    (error: Error) => process.send?.({ id: question.id, error: error.message } satisfies PictureAnswer),
  );
});
process.on('disconnect', () => process.exit(0));

async function answer(question: PictureQuestion): Promise<PictureAnswer> {
  const options = { failOn: 'error', limitInputPixels: MOST_PIXELS, sequentialRead: true } as const;
  const { format, width, height } = await sharp(question.file, options).metadata();
  const small = sharp(question.file, options)
    .resize(THUMBNAIL_PIXELS, THUMBNAIL_PIXELS, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#202020' });
  // Shrinking reads every row, so a picture that breaks off half-way fails here even where no thumbnail is wanted.
  if (question.thumbnail === null) await small.raw().toBuffer();
  else await small.jpeg({ quality: THUMBNAIL_QUALITY }).toFile(question.thumbnail);
  return { id: question.id, picture: { format, width, height } };
}
