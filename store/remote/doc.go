// Package remote is a hub at the other end of a network, as a client has it.
//
// Begin with [Dial], which asks nobody yet. What a [Hub] is asked goes by one function, which puts the token on, follows no
// redirect with it, bounds what comes back, gives up where nothing moves any more, and makes an [Error] of a problem that
// the hub tells. That unwraps to the errors of packages store and merge, so that callers need not know where the hub is.
//
// Whatever a hub answers is text of a stranger's: it is checked, and to be escaped before it is shown.
package remote
