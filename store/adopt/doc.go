// Package adopt gives tables that an application already has a log of what is done to them, and writes their rows.
//
// Begin with [Adopt], which puts triggers on the tables that are named. From then on any client may write to them, also
// one that knows nothing of dovetail: the triggers log each row. [Tables.Gather] takes the rows out of the log, as keys
// and documents, [Tables.Put] writes one, [Tables.Walk] reads those that are there. [Undo] takes every trace away again.
//
// The rules a caller may rely on:
//
//   - What the application has stays as it is: rows, columns, indexes, settings, and what its statements answer. A table
//     that this cannot be promised for is refused, by a [RefusedError]. What SQLite does otherwise on any table that has
//     triggers: total_changes() counts theirs, an INSERT that fails may leave its number in last_insert_rowid(), rows may be
//     updated in another order, and a STRICT table looks at types before anything else that is wrong with a row.
//   - A document has a member for each column that is not generated. What comes back of it is the same in storage class
//     and in every byte; what JSON cannot hold is tagged: see [Encode].
//   - A column that is dropped, added or renamed later, and a table that is made anew, break nothing: the log goes on
//     with what it knows, or stops. [Tables.Drift] says what happened, Adopt again takes it in, and [Tables.Compare]
//     finds what was done while nothing was logged.
//   - A field that the table has no column for stays in the record, whoever writes the row: see [Tables.Complete]. It comes
//     into its column once there is one, and the table is adopted again.
//   - Everything runs in the caller's transaction, by [Statements]; after an error other than a [ConstraintError] the
//     transaction must be rolled back.
//
// It knows the tables of the application, its own dovetail_adopted, dovetail_adopted_trigger, dovetail_row and
// dovetail_row_field, and no other table of dovetail.
package adopt
