// Package replicate has a replica and its hub exchange what happened apart: the replica's changes go to the hub, its
// answers and its newer versions come back.
//
// Begin with [Sync], which fills a replica that was just made, and later brings it up to date. A hub is anything with the two
// methods of [Hub]: an opened database that is one, or, later, one at the other end of a line.
//
// What either side says may be lost, come twice, late, or in another order. Changes go by a key of their own and are the
// same each time that they are sent, so that the hub gives the same answer again; versions are taken in only where they
// follow what is known. Each side commits by itself: no transaction spans two files.
package replicate
