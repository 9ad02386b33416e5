//go:build !unix

package main

func removeProgram() {}
