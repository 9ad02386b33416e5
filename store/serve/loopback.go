package serve

import (
	"net"
	"strings"
)

// Loopback reports whether a host, with a port or without one, is this machine and nothing else: what is sent there can
// be read by nobody on the way. Any name but localhost is not, whatever it stands for just now.
func Loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if name == "localhost" {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}
