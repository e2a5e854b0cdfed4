// Finds entries of the index, [title, kind, address, text], by what somebody types: the best first.

const SHOWN_MAX = 30;

/** Return the entries that have every word of the text, at most 30. */
export function find(index, text) {
  const words = text.toLowerCase().split(/[\s.]+/).filter(Boolean);
  if (words.length === 0) return [];
  const whole = text.trim().toLowerCase();
  return index
    .map((entry) => [rank(entry, words, whole), entry])
    .filter(([points]) => points > 0)
    .sort(([one, first], [two, second]) => two - one || first[0].length - second[0].length)
    .slice(0, SHOWN_MAX)
    .map(([, entry]) => entry);
}

function rank([title, , , text], words, whole) {
  const name = title.toLowerCase();
  if (name === whole) return 1000;
  let points = name.endsWith(`.${whole}`) ? 500 : 0;
  for (const word of words) {
    const found = rankOfWord(title, name, text.toLowerCase(), word);
    if (found === 0) return 0;
    points += found;
  }
  return points;
}

function rankOfWord(title, name, text, word) {
  if (name.startsWith(word)) return 60;
  if (parts(title).some((part) => part.startsWith(word))) return 40;
  if (name.includes(word)) return 25;
  return text.includes(word) ? 5 : 0;
}

/** Return the words of `Account.creditLine` or `HOLD_EXPIRED`, in lower case. */
function parts(title) {
  return title.split(/(?=[A-Z][a-z])|[\s._-]+/).map((part) => part.toLowerCase());
}
