package deploy_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/iade/iade/internal/test/need"
)

// caller has temporary credentials, which need a third part.
var caller = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SessionToken: "session/token+of=the/caller"}

// signedAsAWSDoes signs a request anew, with the AWS SDK and the headers that the caller signed, and compares.
func signedAsAWSDoes(t *testing.T, r *http.Request, body []byte) bool {
	t.Helper()
	given := r.Header.Get("Authorization")
	_, rest, _ := strings.Cut(given, "SignedHeaders=")
	names, _, _ := strings.Cut(rest, ",")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || names == "" {
		t.Errorf("Authorization %q, X-Amz-Date %q", given, r.Header.Get("X-Amz-Date"))
		return false
	}
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}}
	for name := range strings.SplitSeq(names, ";") {
		if values := r.Header.Values(name); values != nil {
			again.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), caller, again, hex.EncodeToString(hash[:]), "execute-api", "eu-central-1", at); err != nil {
		t.Fatal(err)
	}
	signature := func(authorization string) string {
		_, s, _ := strings.Cut(authorization, "Signature=")
		return s
	}
	want := again.Header.Get("Authorization")
	return strings.Contains(names, "x-amz-security-token") && signature(given) != "" && signature(given) == signature(want)
}

// TestTheDocumentedCurlCommandsSignAsAWSDoes runs them, word by word, against a stand-in for API Gateway.
func TestTheDocumentedCurlCommandsSignAsAWSDoes(t *testing.T) {
	t.Parallel()
	if help, err := exec.Command("curl", "--help", "all").Output(); err != nil || !bytes.Contains(help, []byte("--aws-sigv4")) {
		need.Missing(t, "a curl that signs", "curl 7.75 or newer")
	}
	page, err := os.ReadFile(deployPage)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<!-- sigv4:begin -->\n```bash\n")
	commands, _, found := strings.Cut(rest, "```\n<!-- sigv4:end -->")
	_, commands, cut := strings.Cut(commands, "eval \"$(aws configure export-credentials --format env)\"\n")
	if !found || !cut {
		t.Fatal("the page's commands are not where the test looks for them")
	}
	var mu sync.Mutex
	asked := map[string]bool{}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		asked[r.Method+" "+r.URL.String()+" "+string(body)+" "+r.Header.Get("Idempotency-Key")] = signedAsAWSDoes(t, r, body)
	}))
	defer gateway.Close()
	command := exec.Command("bash", "-euc", commands)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "API=" + gateway.URL, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=" + caller.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + caller.SecretAccessKey, "AWS_SESSION_TOKEN=" + caller.SessionToken}
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	for _, want := range []string{
		`POST /refunds {"paymentId":"10000002","paymentTransactionId":"20000003","amount":"12.50"} order-4711-line-2`, "GET /operations?status=unknown  ",
	} {
		if valid, came := asked[want]; !came || !valid {
			t.Errorf("%q came: %v, its signature is valid: %v; %v", want, came, valid, asked)
		}
	}
}
