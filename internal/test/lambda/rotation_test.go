package lambda_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
)

// TestFailure24RotationUnderTheFunctions rotates iyzico's keys under the built functions: before a request leaves, between the
// request and its answer, and while the outcome settles.
func TestFailure24RotationUnderTheFunctions(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "SETTLE_WINDOW=1s", "IYZICO_TIMEOUT=5s")
	const oldKey, oldSecret = "canary-old-apiKey", "canary-old-secretKey"
	p := d.addPayment("100.00")
	ask := func(key string) answer { return d.post("/refunds", key, `{"paymentId":"`+p+`","amount":"10"}`) }
	if a := ask("known"); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}

	// A new process reads the secret before the new keys are in it: iyzico refuses it, and the same key asks afresh.
	d.secrets.put(keysSecret(oldKey, oldSecret))
	d.function("refund").Close()
	if a := ask("before"); a.Status != http.StatusServiceUnavailable {
		t.Errorf("with keys that are no longer good: %d %s", a.Status, a.Body)
	}
	d.secrets.put(keysSecret(testAPIKey, testSecretKey))
	if a := ask("before"); a.Status != http.StatusCreated {
		t.Errorf("the same key, with the new keys in the secret: %d %s", a.Status, a.Body)
	}

	// The answer is signed with a key that the process does not hold: it proves nothing.
	d.script("/payment/refund", "bad-signature")
	between := ask("between")
	if between.Status != http.StatusAccepted || between.State != "unknown" {
		t.Errorf("an answer of another key: %d %s", between.Status, between.Body)
	}
	if a := ask("between"); a.Status != http.StatusAccepted && a.Status != http.StatusOK || d.requests(p) != 4 {
		t.Errorf("asked again: %d %s, %d requests", a.Status, a.Body, d.requests(p))
	}

	// Nor can the reconciler read with keys that are no longer good; it settles once it has the new ones.
	d.secrets.put(keysSecret(oldKey, oldSecret))
	read := d.secrets.count()
	d.reconcile()
	eventually(t, "the reconciler has read the secret", func() bool { return d.secrets.count() > read })
	d.secrets.put(keysSecret(testAPIKey, testSecretKey))
	eventually(t, "it is settled", func() bool { return d.get("/refunds/"+between.ID).State == "succeeded" })
	if got := d.executions(p); got != 3 {
		t.Errorf("%d executions, want 3", got)
	}
	for _, canary := range []string{testAPIKey, testSecretKey, oldKey, oldSecret} {
		if bytes.Contains(logged(d.t, d.log), []byte(canary)) {
			t.Errorf("%s stands in the log", canary)
		}
	}
}
