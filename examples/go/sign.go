package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// authorize says who asks: a token, an IAM signature (AWS Signature Version 4), or nothing for an iade on this machine.
//
//	IADE_TOKEN         a bearer token: a JWT, or one of API_TOKENS_FILE
//	AWS_ACCESS_KEY_ID  and AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION: a caller that IAM lets in
func authorize(request *http.Request, body string) error {
	if token := os.Getenv("IADE_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	caller := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	if !caller.HasKeys() {
		return nil
	}
	sum := sha256.Sum256([]byte(body))
	return v4.NewSigner().SignHTTP(request.Context(), caller, request, hex.EncodeToString(sum[:]), "execute-api", os.Getenv("AWS_REGION"), time.Now())
}

// keep stores a record.
func keep(path string, r record) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return store(path, content)
}
