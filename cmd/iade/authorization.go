package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// jwtVariable names the variable that holds a JWT for an API that wants one.
const jwtVariable = "IADE_BEARER_TOKEN"

// authorization says how requests prove who asks: with the environment's token, or signed with its IAM credentials. An
// API on this machine is open, and gets neither.
func authorization(host string, local bool, getenv func(string) string) (func(*http.Request, []byte) error, error) {
	if local {
		return func(*http.Request, []byte) error { return nil }, nil
	}
	if token := getenv(jwtVariable); token != "" {
		return func(r *http.Request, _ []byte) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}, nil
	}
	credentials := aws.Credentials{
		AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: getenv("AWS_SESSION_TOKEN"),
	}
	if !credentials.HasKeys() {
		return nil, errors.New("an API that is not on this machine needs " + jwtVariable + ", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	region := regionOf(host, getenv)
	if region == "" {
		return nil, errors.New("the API's address does not say its region: set AWS_REGION")
	}
	return signed(credentials, region, time.Now), nil
}

// signed signs for API Gateway (Signature Version 4, service execute-api).
func signed(credentials aws.Credentials, region string, now func() time.Time) func(*http.Request, []byte) error {
	signer := v4.NewSigner()
	return func(r *http.Request, body []byte) error {
		sum := sha256.Sum256(body)
		err := signer.SignHTTP(r.Context(), credentials, r, hex.EncodeToString(sum[:]), "execute-api", region, now())
		if err != nil {
			return fmt.Errorf("sign request: %w", err)
		}
		return nil
	}
}

// regionOf reads the region out of API Gateway's own names; a domain of one's own says nothing.
func regionOf(host string, getenv func(string) string) string {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := getenv(name); region != "" {
			return region
		}
	}
	parts := strings.Split(host, ".")
	if len(parts) >= 5 && parts[1] == "execute-api" && parts[3] == "amazonaws" {
		return parts[2]
	}
	return ""
}
