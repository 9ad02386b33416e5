//go:build !unix

package main

// privateFiles has nothing to do where files take their rights from the directory.
func privateFiles() {}
