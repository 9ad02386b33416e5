package store

import (
	"fmt"
	"os"
)

// leastRoom is how much of a disk must be free: a write that finds none is refused, and so is clearing the log away.
const leastRoom = 16 << 20

// file looks at the database's file and the log beside it, without opening either.
func (c *checkup) file(n *notes) error {
	path := c.store.info.Path
	now, err := os.Stat(path)
	if err != nil {
		n.do = "put the file back where it was; whatever is written now is lost when the last program closes it"
		return err
	}
	if !os.SameFile(now, c.store.file) {
		n.wrong("\"%s\" was replaced by another file while it was open", path)
		n.do = "stop whatever replaced it, and look which of the two is the one that was written to"
	}
	n.regular(path, now)
	if c.store.own {
		n.private(path, now)
	}
	if links := linkCount(now); links > 1 {
		n.wrong("the file has %d names; SQLite keeps its log by the name that it was opened with", links)
		n.do = "remove the other names of the file: whoever opens it by one of them does not see the log"
	}
	log := "no log"
	for _, end := range journals {
		beside, err := os.Lstat(path + end)
		if err != nil {
			continue
		}
		n.regular(path+end, beside)
		if c.store.own {
			n.private(path+end, beside)
		}
		if end == "-wal" {
			log = fmt.Sprintf("a log of %s", size(beside.Size()))
		}
	}
	room := ""
	if free, known := freeRoom(path); known {
		room = fmt.Sprintf(", %s free beside it", size(free))
		if free < leastRoom {
			n.wrong("only %s are free where it stands", size(free))
			n.do = "make room on that disk: nothing is lost, but nothing can be written"
		}
	}
	n.looked("\"%s\", the one that was opened, %s, %s, %s%s", path, now.Mode().Perm(), size(now.Size()), log, room)
	return nil
}

// regular notes a file that is none.
func (n *notes) regular(path string, info os.FileInfo) {
	if !info.Mode().IsRegular() {
		n.wrong("\"%s\" is no regular file", path)
	}
}

// private notes a file that others than its owner may read. Who may read an application's is not for dovetail to say.
func (n *notes) private(path string, info os.FileInfo) {
	if info.Mode().IsRegular() && !ownerOnly(info) {
		n.wrong("\"%s\" may be read or written by others: %s", path, info.Mode().Perm())
		n.do = "take the rights away from all others: chmod 600, for each of these files"
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	f, unit := float64(n), 0
	for f >= 1000 && unit < len(units)-1 {
		f, unit = f/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[unit])
}
