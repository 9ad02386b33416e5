// Package tui is the terminal: a queue of conflicts, the screen where a person decides one, the review before it is
// written and what was written.
//
// [Run] shows it. It reads through two small interfaces, [Queue] and [Desk], and knows nothing of what stands behind
// them; a remote hub may. Nothing is read or written while a message is handled or a frame is drawn: that happens in
// commands, whose answers come back as messages.
//
// The rules of the screens:
//
//   - A field in conflict is undecided until a key of a person's decides it. No choice is set beforehand, and nothing
//     can be written while one is undecided.
//   - Every action saves the draft. Leaving in any way keeps it; a save never overtakes an older one.
//   - Only the review writes, by keys of its own, and against the version it shows. If the record moved meanwhile,
//     nothing is written: the conflict is merged again, and the decisions that still stand are kept.
//   - Text from records, people and errors is drawn through the package safe and in no other way.
//   - Meaning is in words and signs; colour repeats it.
package tui
