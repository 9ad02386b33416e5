package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// served is a hub that is served inside the test.
type served struct {
	t    *testing.T
	url  string
	stop context.CancelFunc
	done chan error
	log  *bytes.Buffer // to be read once done
}

func serveHub(t *testing.T, args ...string) *served {
	t.Helper()
	t.Setenv("DOVETAIL_USER", "vera")
	ctx, stop := context.WithCancel(t.Context())
	s := &served{t: t, stop: stop, done: make(chan error, 1), log: new(bytes.Buffer)}
	out, in := io.Pipe()
	go func() {
		s.done <- run(ctx, append([]string{"--json", "serve", "--addr", "127.0.0.1:0"}, args...), nil, in, s.log)
		in.Close()
	}()
	t.Cleanup(stop)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var said struct{ URL string }
	if err != nil || json.Unmarshal(line, &said) != nil {
		t.Fatalf("serve said %q, %v", line, err)
	}
	s.url = said.URL
	return s
}

// certificateFiles makes a certificate for this machine that nobody vouches for.
func certificateFiles(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hub"}, IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "hub.crt"), filepath.Join(dir, "hub.key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return cert, key, pool
}

// With a certificate the hub speaks TLS 1.2 or newer, and listens beyond this machine once there is a token.
func TestServeTLS(t *testing.T) {
	db := filepath.Join(t.TempDir(), "hub.db")
	dovetail(t, "init", db)
	cert, key, pool := certificateFiles(t)
	var talk bytes.Buffer
	err := run(t.Context(), []string{"--db", db, "serve", "--addr", ":0", "--tls-cert", cert, "--tls-key", key}, nil, io.Discard, &talk)
	if report(&talk, err) != exitMisuse || !strings.Contains(talk.String(), "token add NAME") {
		t.Fatalf("beyond this machine without a token: %v\n%s", err, &talk)
	}
	secret := strings.TrimSpace(dovetail(t, "--db", db, "token", "add", "ana"))
	s := serveHub(t, "--db", db, "--addr", "0.0.0.0:0", "--tls-cert", cert, "--tls-key", key)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(most uint16) (int, error) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: most}}}
		req, err := http.NewRequest(http.MethodGet, "https://127.0.0.1:"+port+"/v1/records", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+secret)
		res, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		return res.StatusCode, res.Body.Close()
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if status, err := ask(version); err != nil || status != http.StatusOK {
			t.Errorf("%s: %d, %v", tls.VersionName(version), status, err)
		}
	}
	if status, err := ask(tls.VersionTLS11); err == nil {
		t.Errorf("TLS 1.1 gets %d", status)
	}
	s.stop()
	if err := <-s.done; err != nil {
		t.Errorf("ended with %v", err)
	}
	if strings.Contains(s.log.String(), secret) {
		t.Errorf("the log holds the token:\n%s", s.log)
	}
}

// A request that has begun when the hub is told to end is done, and answered; none begins after that.
func TestServeFinishesWhatItBegan(t *testing.T) {
	db := filepath.Join(t.TempDir(), "hub.db")
	dovetail(t, "init", db)
	s := serveHub(t, "--db", db)
	host := strings.TrimPrefix(s.url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	// The hub asks for the body: the request has begun.
	fmt.Fprintf(conn, "PUT /v1/records/deal/D-1 HTTP/1.1\r\nHost: %s\r\nIf-None-Match: *\r\nContent-Type: application/json\r\n"+
		"Content-Length: 7\r\nExpect: 100-continue\r\n\r\n", host)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	in.ReadString('\n')
	s.stop()
	for { // until nobody is let in any more
		other, err := net.Dial("tcp", host)
		if err != nil {
			break
		}
		other.Close()
	}
	io.WriteString(conn, `{"x":1}`)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%+v, %v", res, err)
	}
	if err := <-s.done; err != nil {
		t.Errorf("ended with %v", err)
	}
	if got := dovetail(t, "--db", db, "get", "--json", "deal/D-1"); !strings.Contains(got, `"fields":{"x":1}`) {
		t.Errorf("it is %s", got)
	}
}
