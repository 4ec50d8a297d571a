package iyzicotest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// certificate is made on first use: a CA of its own, and a leaf for localhost and 127.0.0.1 signed by it. The keys live
// in memory only, so each run has another CA.
type certificate struct {
	once   sync.Once
	caPEM  []byte
	config *tls.Config
	err    error
}

// TLSConfig is for serving HTTPS on localhost, 127.0.0.1 and ::1. It offers HTTP/1.1 only, because faults need to cut
// connections. Clients trust it by the CA that CertificateAuthority and /_fake/ca.pem give.
func (s *Server) TLSConfig() (*tls.Config, error) {
	s.makeCertificate()
	if s.cert.err != nil {
		return nil, s.cert.err
	}
	return s.cert.config.Clone(), nil
}

// CertificateAuthority is the CA behind TLSConfig, in PEM.
func (s *Server) CertificateAuthority() ([]byte, error) {
	s.makeCertificate()
	return s.cert.caPEM, s.cert.err
}

func (s *Server) makeCertificate() {
	s.cert.once.Do(func() { s.cert.caPEM, s.cert.config, s.cert.err = newCertificate() })
}

// newCertificate uses the real time: it is checked by clients that know no other.
func newCertificate() ([]byte, *tls.Config, error) {
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "fake iyzico CA"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(0, 3, 0),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make CA key: %w", err)
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, nil, fmt.Errorf("make CA: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "fake iyzico"},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, leafKey.Public(), caKey)
	if err != nil {
		return nil, nil, fmt.Errorf("make certificate: %w", err)
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER, caDER}, PrivateKey: leafKey}},
		NextProtos:   []string{"http/1.1"},
		MinVersion:   tls.VersionTLS12,
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), config, nil
}
