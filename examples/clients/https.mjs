import { createWriteStream } from "node:fs";
import { get } from "node:https";
import { pipeline } from "node:stream/promises";

get(process.env.URL, async (answer) => {
  if (answer.statusCode !== 200) throw new Error(`OSS returned ${answer.statusCode}`);
  await pipeline(answer, createWriteStream(process.env.FILE));
});
