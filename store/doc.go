// Package store keeps records, their versions and the conflicts that wait for a person, in one SQLite file.
//
// Begin with [Create] for a new hub, [Settle] for one in the database of an application, or [Open] for one that is there.
// Changes come in by [Store.Push], one line each, or by [Store.Import], a file of them; a person settles what could not be
// joined with [Store.Resolve] and takes it back with [Store.Undo]; [Store.EachResolution] gives what came of it to whoever
// keeps the records elsewhere. How the records of a collection merge, and what they must keep to, is said by
// [Store.SetSchema] and [Store.SetStrategy]. Where an [Adoption] says how, the rows of the application's tables are records.
// [Store.Check] looks for damage, [Store.Backup] makes a copy that passes, and [Store.Retry] takes in a change that could
// not be used when it came.
//
// The rules a caller may rely on:
//
//   - What a write is about to replace is named by its version. If the record moved, nothing is written and the error
//     is [merge.ErrStale].
//   - A change, its effect, its answer and the counts are one transaction. The same change may be sent any number of
//     times: it has one effect and always the same answer.
//   - Documents, versions, resolutions and sides that lost are never changed or deleted.
//   - A commit that fails may have been done all the same. The store looks before it says so; where it cannot tell, the
//     error is [ErrUnknown].
//
// A file may be open in several processes at once. It is never read or copied but through SQLite: closing any other
// handle on it would drop the locks of the whole process.
package store
