// Package serve is a hub's HTTP handler: records with strict preconditions, changes in and versions out, and the queue
// of conflicts, for whoever has a token.
//
// [New] makes the handler of an open hub. Each group of resources stands in a file of its own and says in a table of
// routes what it answers to. A route is done by a function that returns an error; what that becomes on the wire is decided
// in one place, as an RFC 9457 problem that holds no SQL and no path. Nothing of a record is ever logged.
package serve
