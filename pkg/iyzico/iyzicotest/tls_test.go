package iyzicotest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestTLSIsTrustedByTheServedCA(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	config, err := s.server.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: s.server}
	go func() { _ = server.Serve(tls.NewListener(listener, config)) }()
	defer server.Close()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(s.get("/_fake/ca.pem").raw)) {
		t.Fatal("no CA served")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableKeepAlives: true}}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		answer, err := client.Get("https://" + host + ":" + port + "/_fake/settings")
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		if answer.ProtoMajor != 1 {
			t.Errorf("%s: HTTP/%d, on which faults can't cut connections", host, answer.ProtoMajor)
		}
		_ = answer.Body.Close()
	}
	s.fault(`{"path":"/payment/test","mode":"reset-before"}`)
	if answer, err := client.Get("https://localhost:" + port + "/payment/test"); err == nil {
		_ = answer.Body.Close()
		t.Error("fault did not cut the connection")
	}
	// The customer's page is reached as the call was.
	id, _ := s.pay("1")
	r := s.request(t.Context(), http.MethodPost, PathBalanceInit, `{"paymentId":"`+id+`","callbackUrl":"https://shop.example/"}`, nil)
	r.URL.Scheme, r.URL.Host, r.Host = "https", "localhost:"+port, ""
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(body), `"url":"https://localhost:`+port+pagePath) {
		t.Errorf("%s %v", body, err)
	}
}
