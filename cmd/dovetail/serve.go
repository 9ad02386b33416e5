package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/store/serve"
)

// What one client may take of a served hub, so that it cannot keep the others out.
const (
	headerTime     = 5 * time.Second
	readTime       = 30 * time.Second
	writeTime      = 60 * time.Second // longer than anybody may wait for news
	idleTime       = 60 * time.Second
	maxHeader      = 16 << 10 // bytes
	maxConnections = 512
	closingTime    = 60 * time.Second // for what was begun, once it is to end
)

const defaultAddress = "127.0.0.1:7733"

type serveFlags struct {
	addr, cert, key string
}

func (a *app) serveCommand() *cobra.Command {
	var flags serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve a hub over HTTP, so that it can be used from anywhere",
		Long: `serve answers HTTP for a hub until it is interrupted: replicas clone it and sync with it, and any program reads and writes
its records. GET /v1/openapi.json describes all that it takes.

Only this machine is answered unless --addr says otherwise. Beyond it, TLS and a token (see ` + "`dovetail token`" + `) are needed.`,
		Example: `  dovetail serve
  dovetail serve --addr :7733 --tls-cert hub.crt --tls-key hub.key
  curl http://127.0.0.1:7733/v1/records`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runServe(c.Context(), s, flags) })
		},
	}
	c.Flags().StringVar(&flags.addr, "addr", defaultAddress, "listen at `HOST:PORT`; port 0 is any that is free")
	c.Flags().StringVar(&flags.cert, "tls-cert", "", "the certificate, in `FILE` (PEM), with those that it builds on")
	c.Flags().StringVar(&flags.key, "tls-key", "", "its private key, in `FILE` (PEM)")
	return c
}

func (a *app) runServe(ctx context.Context, s *store.Store, flags serveFlags) error {
	if err := a.onHub(ctx, s, "clients are served", "serve"); err != nil {
		return err
	}
	secure, err := certificate(flags)
	if err != nil {
		return err
	}
	if err := a.mayListen(ctx, s, flags.addr, secure != nil); err != nil {
		return err
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", flags.addr)
	if err != nil {
		return hint(misuse("--addr %s: %w", flags.addr, err), "name another with --addr HOST:PORT")
	}
	opts := serve.Options{Log: a.serveLog()}
	if serve.Loopback(flags.addr) {
		opts.Open = person
	}
	if err := a.sayServing(ctx, s, listener.Addr(), secure != nil, opts.Open); err != nil {
		return errors.Join(err, listener.Close())
	}
	return a.serveUntilDone(ctx, limitConnections(listener, maxConnections), secure, s, opts)
}

// certificate reads what TLS needs; nil where it was not asked for.
func certificate(flags serveFlags) (*tls.Config, error) {
	if flags.cert == "" && flags.key == "" {
		return nil, nil
	}
	if flags.cert == "" || flags.key == "" {
		return nil, misuse("--tls-cert and --tls-key are given together")
	}
	pair, err := tls.LoadX509KeyPair(flags.cert, flags.key)
	if err != nil {
		return nil, misuse("--tls-cert %s --tls-key %s: %w", flags.cert, flags.key, err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// mayListen refuses to listen where others could read what is sent, or come in without a token.
func (a *app) mayListen(ctx context.Context, s *store.Store, addr string, secure bool) error {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return hint(misuse("--addr %s: %w", addr, err), "it is HOST:PORT, such as %s", defaultAddress)
	}
	if serve.Loopback(addr) {
		return nil
	}
	if !secure {
		return hint(misuse("--addr %s: others could read tokens and records on the way", addr),
			"give --tls-cert and --tls-key; or listen at %s, with a proxy on this machine that has TLS", defaultAddress)
	}
	tokens, err := liveTokens(ctx, s)
	if err != nil || len(tokens) > 0 {
		return err
	}
	return hint(misuse("--addr %s: nobody has a token yet", addr), "make one with `%s`", a.command("token add NAME"))
}

// liveTokens are those that were not revoked, oldest first.
func liveTokens(ctx context.Context, s *store.Store) ([]store.Token, error) {
	all, err := s.Tokens(ctx)
	var live []store.Token
	for _, token := range all {
		if token.RevokedAt.IsZero() {
			live = append(live, token)
		}
	}
	return live, err
}

// serveLog writes a line for every request, as talk: JSON where all is.
func (a *app) serveLog() *slog.Logger {
	if a.json {
		return slog.New(slog.NewJSONHandler(a.errw, nil))
	}
	return slog.New(slog.NewTextHandler(a.errw, nil))
}

// sayServing says where the hub is served, and who may use it.
func (a *app) sayServing(ctx context.Context, s *store.Store, at net.Addr, secure bool, open string) error {
	address := "http://" + at.String()
	if secure {
		address = "https://" + at.String()
	}
	tokens, err := liveTokens(ctx, s)
	if err != nil {
		return err
	}
	guarded, err := s.Guarded(ctx)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.writeObject(map[string]string{"url": address}); err != nil {
			return err
		}
	} else {
		a.say("%s is served at %s", a.database(), address)
	}
	switch {
	case len(tokens) > 0:
		a.say("%s; interrupt to end", count(int64(len(tokens)), "token lets people in", "tokens let people in"))
	case guarded:
		a.say("nobody can come in: all tokens were revoked; `%s` makes one", a.command("token add NAME"))
	case open != "":
		a.say("there is no token, so everybody on this machine may use it, as %s; `%s` makes one", open, a.command("token add NAME"))
	}
	return nil
}

// serveUntilDone answers until ctx ends, and then finishes what was begun.
func (a *app) serveUntilDone(ctx context.Context, l net.Listener, secure *tls.Config, s *store.Store, opts serve.Options) error {
	closing := make(chan struct{})
	opts.Closing = closing
	server := &http.Server{
		Handler:           serve.New(s, opts),
		TLSConfig:         secure,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(opts.Log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() {
		if secure != nil {
			failed <- server.ServeTLS(l, "", "")
		} else {
			failed <- server.Serve(l)
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	close(closing)
	patience, stop := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
	defer stop()
	if err := server.Shutdown(patience); err != nil {
		a.say("some requests did not end: %v", err)
		return server.Close()
	}
	a.say("ended; all that was begun is done")
	return nil
}
