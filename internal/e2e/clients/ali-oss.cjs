// Signs the cases that standard input holds, one in a line of JSON, by ali-oss, and prints {url} or {error} for each.
const lines = require("node:readline").createInterface({ input: process.stdin });
const OSS = require("ali-oss");

console.warn = () => {}; // its advice on every token

// ali-oss dates every URL with new Date(): this one tells the instant of the case.
const RealDate = Date;
let instant = 0;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(instant);
    else super(...args);
  }
  static now() {
    return instant;
  }
};

(async () => {
  for await (const line of lines) {
    const c = JSON.parse(line);
    instant = c.at * 1000;
    let answer;
    try {
      const client = new OSS({
        accessKeyId: c.id, accessKeySecret: c.secret, stsToken: c.token || undefined, bucket: c.bucket,
        secure: true, authorizationV4: true, ...(c.region && { region: "oss-" + c.region }),
      });
      answer = { url: await client.signatureUrlV4(c.method, c.expires, { headers: c.headers, queries: c.query }, c.key, c.additional) };
    } catch (error) {
      answer = { error: String(error.message) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
})();
