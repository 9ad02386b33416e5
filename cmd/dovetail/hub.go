package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"path/filepath"
	"strings"

	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/replicate"
)

// followed is a hub as its replicas have it: in a file, or at the other end of a network.
type followed struct {
	replicate.Hub
	address string       // a full path, or a URL
	file    *store.Store // nil: it is not in one
	far     *remote.Hub  // nil: it is in a file
}

// follow opens the hub at an address: a URL, or a file. The caller closes it.
func (a *app) follow(ctx context.Context, address string) (*followed, error) {
	if isAddress(address) {
		far, err := a.dial(ctx, address)
		if err != nil {
			return nil, err
		}
		return &followed{Hub: far, address: far.Address(), far: far}, nil
	}
	full, err := filepath.Abs(address)
	if err != nil {
		return nil, misuseError{err}
	}
	file, err := a.openHub(ctx, full)
	if err != nil {
		return nil, err
	}
	return &followed{Hub: file, address: full, file: file}, nil
}

// dial returns the hub at a URL. A program that asks it again goes on by the same connections.
func (a *app) dial(ctx context.Context, address string) (*remote.Hub, error) {
	if a.far != nil && a.far.Address() == strings.TrimRight(address, "/") {
		return a.far, nil
	}
	token, err := a.tokenFor(ctx, address)
	if err != nil {
		return nil, err
	}
	far, err := remote.Dial(address, token, remote.Options{})
	if err != nil {
		return nil, misuse("%s: %w", address, err)
	}
	a.far = far
	return far, nil
}

// Close closes a hub in a file. The connections to one that is far are kept for the next time.
func (h *followed) Close() error {
	if h.file == nil {
		return nil
	}
	return h.file.Close()
}

// apart makes sure that a replica is not the hub's own file.
func (h *followed) apart(replica string) error {
	if h.file == nil {
		return nil
	}
	if err := replicate.Apart(replica, h.address); err != nil {
		return misuseError{err}
	}
	return nil
}

// explain adds to an error of a hub what there is to do about it.
func (a *app) explain(err error, h *followed) error {
	if h.far == nil {
		return err
	}
	if next := a.nextStep(err, h.address); next != "" {
		return hint(err, "%s", next)
	}
	return err
}

// nextStep is what to do about an error of a hub at a URL; "" where trying again is all there is.
func (a *app) nextStep(err error, address string) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, remote.ErrUnauthorized):
		return hintFor(a.tokenRefused(address))
	case errors.Is(err, remote.ErrForbidden):
		return "a replica needs a token that may read and push, and resolve for what is decided on it; " +
			"the hub's owner makes one with `dovetail token add --scope read,push,resolve NAME`"
	case errors.Is(err, remote.ErrNotHub):
		return "look at the address: it is what `dovetail serve` said, or the hub's owner; a network that wants a login answers so as well"
	case errors.As(err, &authority):
		return "nobody whom this machine trusts has signed the hub's certificate: put the one who did into SSL_CERT_FILE, if you know that it is the hub's"
	case errors.As(err, &name):
		return "the hub's certificate is for another name: use the name that it is for"
	case errors.As(err, &invalid):
		return "the hub's certificate is not valid now: look at this machine's clock, and tell the hub's owner"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return "what answers there does not speak TLS: look at the port"
	}
	return ""
}

// hopeless reports whether an error of an exchange stays until somebody does something about it.
func hopeless(err error) bool {
	for _, lasting := range []error{store.ErrWentBack, store.ErrOtherHub, store.ErrNotReplica, remote.ErrUnauthorized, remote.ErrForbidden,
		remote.ErrPlain, remote.ErrAddress} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	return false
}
