// Verifies a webhook by each secret with the libraries of npm, and holds that they refuse a changed byte.
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const { secrets, headers, body } = JSON.parse(process.argv[2]);
const counts = { verified: 0, refused: 0 };
for (const Library of [Standard, Svix]) {
  for (const secret of secrets) {
    const webhook = new Library(secret);
    webhook.verify(body, headers);
    counts.verified += 1;
    try {
      webhook.verify(`${body.slice(0, -1)} }`, headers);
    } catch {
      counts.refused += 1;
    }
  }
}
console.log(JSON.stringify(counts));
