// Package faultfs is a disk for tests that fails, or loses its power, at whatever operation a test names.
//
// Begin with [Watch], before anything in the directory is opened. It puts a layer between the SQLite of this process
// and the VFS that it would use, so that the code under test needs no change: files, locks and shared memory stay the
// real ones. What is read and written of the files in that directory is counted, fails by a [Fault], and is kept in
// mind so that [Disk.Leave] can write elsewhere what a power cut may leave of it.
//
// What it knows of a disk:
//
//   - What was written to a file since its last sync may be lost with the power, all or in part, in any order, but not
//     with the process alone. See [Style], [Loss] and [Kill].
//   - The name of a new file may be lost until SQLite syncs the directory, as it does with the first sync of a new log
//     or journal and with some deletions. A deletion is not lost once it was done.
//   - A sync makes nothing safe but in that book: the real files are not synced, so that a test need not wait for it.
//
// What it does not know: that a sync which failed may have thrown away what it should have kept, as on some systems; the
// index of a log (`-shm`), which no power cut leaves behind; the temporary files of SQLite; and what Go code does to
// files without SQLite, such as creating, renaming and removing them: all of that counts as durable at once.
package faultfs
