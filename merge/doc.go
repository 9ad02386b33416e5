// Package merge decides what a record becomes when two sides changed it apart from each other.
//
// Start with [Canonical], which lets a document in, and [Record], which merges the three sides of a record and says
// of every field what happened to it. [Result.Apply] makes the document that a person's [Decisions] ask for, and
// [Result.Standing] tells which of them still hold on a new merge. [LastWrite] is the strategy that takes whole
// records, [Perform] does operations.
//
// The sides are base (what the change was made on), local (what the offline side made of it) and server (what the
// record is now), always in that order. Absent, null, "", 0 and false are five different values; numbers compare by
// exact decimal value; the order of keys never matters.
//
// What else is here is the plain data that storage and screens share: a row of the queue, a case, a draft, a filter.
// Nothing here reads a clock, makes an id or touches storage: equal input gives equal output.
package merge
