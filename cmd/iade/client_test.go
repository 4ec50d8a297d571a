package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestOptionsThatMakeNoSenseSendNothing(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"a file is needed":   {"bulk"},
		"iade bulk FILE.csv": {},
		"one file only":      {"bulk", "a.csv", "b.csv"},
		"-parallel":          {"bulk", "-parallel", "0", "a.csv"},
		"-key-prefix":        {"bulk", "-key-prefix", "a,b", "a.csv"},
		"another file":       {"bulk", "a.csv", "-report", "a.csv"},
		"open file":          {"bulk", "/nowhere/at/all.csv"},
		"not defined":        {"bulk", "-wrong", "a.csv"},
	} {
		var errOut strings.Builder
		if code := run(t.Context(), args, console{out: &errOut, err: &errOut, getenv: none}); code != exitBadFile || !strings.Contains(errOut.String(), want) {
			t.Errorf("%q: exit %d, %s", args, code, &errOut)
		}
	}
}

func TestHowAnAPIElsewhereIsCalled(t *testing.T) {
	t.Parallel()
	keys := map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary-secret", "AWS_SESSION_TOKEN": "canary-session"}
	with := func(more ...string) map[string]string {
		env := map[string]string{}
		for name, value := range keys {
			env[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	for name, c := range map[string]struct {
		api  string
		env  map[string]string
		want string // of the Authorization header, or of the error
	}{
		"on this machine, open":        {"http://127.0.0.1:8080", keys, ""},
		"signed":                       {"https://abc123.execute-api.eu-central-1.amazonaws.com", keys, "/eu-central-1/execute-api/aws4_request"},
		"signed, with a stage":         {"https://abc123.execute-api.eu-central-1.amazonaws.com/prod/", keys, "/eu-central-1/execute-api/aws4_request"},
		"signed, a domain of our own":  {"https://refunds.example.com", with("AWS_REGION", "eu-west-1"), "/eu-west-1/execute-api/aws4_request"},
		"a token goes before keys":     {"https://refunds.example.com", with(jwtVariable, "jwt"), "Bearer jwt"},
		"no region":                    {"https://refunds.example.com", keys, "set AWS_REGION"},
		"no credentials":               {"https://refunds.example.com", nil, "needs " + jwtVariable},
		"no TLS":                       {"http://refunds.example.com", keys, "must be https"},
		"no address":                   {"refunds.example.com", keys, "must be an address"},
		"a secret within the address":  {"https://user:canary@refunds.example.com", keys, "must be an address"},
		"a query that would get lost":  {"https://refunds.example.com?x=1", keys, "must be an address"},
		"another protocol than HTTP's": {"ftp://refunds.example.com", keys, "must be an address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := newClient(c.api, 1, func(name string) string { return c.env[name] })
			if err != nil {
				if c.want == "" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
					t.Errorf("error %v", err)
				}
				return
			}
			request, err := http.NewRequest(http.MethodPost, client.base+"/refunds", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if err := client.authorize(request, []byte("{}")); err != nil {
				t.Fatal(err)
			}
			got := request.Header.Get("Authorization")
			if !strings.Contains(got, c.want) || (c.want == "") != (got == "") || strings.Contains(got, "canary-secret") {
				t.Errorf("Authorization: %s", got)
			}
			if strings.Contains(got, "AWS4") != (request.Header.Get("X-Amz-Security-Token") == "canary-session") {
				t.Errorf("%v", request.Header)
			}
		})
	}
}

// TestTheSignatureCoversBodyAndKey: two requests that differ in either have other signatures.
func TestTheSignatureCoversBodyAndKey(t *testing.T) {
	t.Parallel()
	sign := signed(aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, "eu-west-1", func() time.Time { return time.Unix(1_700_000_000, 0) })
	seen := map[string]string{}
	for _, c := range []struct{ key, body string }{{"a", "{}"}, {"b", "{}"}, {"a", "{ }"}} {
		request, err := http.NewRequest(http.MethodPost, "https://refunds.example.com/refunds", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Idempotency-Key", c.key)
		if err := sign(request, []byte(c.body)); err != nil {
			t.Fatal(err)
		}
		got := request.Header.Get("Authorization")
		if seen[got] != "" {
			t.Errorf("%+v and %s are signed alike", c, seen[got])
		}
		seen[got] = c.key + c.body
	}
}
