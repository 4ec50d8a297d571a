package lambda_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// TestIyzicosKeysAreReadOnceAndAgainWhenRefused rotates the keys under a running function. No request is ever repeated
// by the function itself: the caller asks again.
//
// failure 24: how often the secret is read
func TestIyzicosKeysAreReadOnceAndAgainWhenRefused(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	p := d.addPayment("100.00")
	refund := func(i int) answer {
		return d.post("/refunds", fmt.Sprint("key-", i), `{"paymentId":"`+p+`","amount":"1"}`)
	}
	for i := range 3 {
		if a := refund(i); a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if got := d.secrets.count(); got != 1 {
		t.Errorf("the keys were read %d times for 3 refunds of one process, want once", got)
	}

	d.secrets.put(keysSecret("canary-old-apiKey", "canary-old-secretKey"))
	for i := range 2 {
		if a := refund(10 + i); a.Status != http.StatusCreated {
			t.Errorf("the cached keys still work: %d %s", a.Status, a.Body)
		}
	}
	if got := d.secrets.count(); got != 1 {
		t.Errorf("the keys were read %d times while they worked, want once", got)
	}

	// A new process gets keys that iyzico does not take: 1001.
	d.function("refund").Close()
	refused := refund(20)
	if refused.Status != http.StatusServiceUnavailable || d.requests(p) != 6 {
		t.Errorf("refused keys: %d %s, %d requests", refused.Status, refused.Body, d.requests(p))
	}
	if got := d.secrets.count(); got != 2 {
		t.Errorf("read %d times, want 2: once by each process", got)
	}
	d.secrets.put(keysSecret(testAPIKey, testSecretKey))
	if a := refund(20); a.Status != http.StatusCreated {
		t.Errorf("the same key asks afresh with the new keys: %d %s", a.Status, a.Body)
	}
	if a := refund(21); a.Status != http.StatusCreated {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := d.secrets.count(); got != 3 {
		t.Errorf("read %d times, want 3: once more after the refusal", got)
	}
	if got := d.executions(p); got != 7 {
		t.Errorf("%d executions, want 7", got)
	}
	for _, canary := range []string{testAPIKey, testSecretKey, "canary-old-apiKey", "canary-old-secretKey"} {
		if bytes.Contains(logged(d.t, d.log), []byte(canary)) {
			t.Errorf("%s stands in the log", canary)
		}
	}
}

// failure 24: the secret cannot be read
func TestWithoutKeysNothingIsSent(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for name, spoil := range map[string]func(*secretsManager){
		"refused":      (*secretsManager).fail,
		"no JSON":      func(s *secretsManager) { s.put("canary-secret-text") },
		"half a pair":  func(s *secretsManager) { s.put(`{"apiKey":"canary-apiKey"}`) },
		"another form": func(s *secretsManager) { s.put(`["canary"]`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deploy(t, endpoint)
			spoil(d.secrets)
			p := d.addPayment("100.00")
			a := d.post("/refunds", "key", `{"paymentId":"`+p+`","amount":"1"}`)
			if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || d.requests(p) != 0 {
				t.Errorf("%d %s, %d requests", a.Status, a.Body, d.requests(p))
			}
			if log := logged(d.t, d.log); bytes.Contains(log, []byte("canary")) || !bytes.Contains(log, []byte("read iyzico's keys")) {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// TestKeysAreRotatedUnderRunningFunctions follows the README's procedure: no request is refused or left unknown on the way,
// and none is sent twice.
func TestKeysAreRotatedUnderRunningFunctions(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	p := d.addPayment("100.00")
	const newAPIKey, newSecretKey = "canary-new-apiKey", "canary-new-secretKey"
	before, after := iyzicotest.KeyPair{APIKey: testAPIKey, SecretKey: testSecretKey}, iyzicotest.KeyPair{APIKey: newAPIKey, SecretKey: newSecretKey}
	both := `{"apiKey":"` + newAPIKey + `","secretKey":"` + newSecretKey + `","previous":` + keysSecret(testAPIKey, testSecretKey) + `}`
	for i, step := range []func(){
		func() {},
		func() { d.fake.SetKeys(before, after) }, // made in iyzico's panel
		func() { d.secrets.put(both) },
		func() { d.fake.SetKeys(after, before) }, // iyzico signs its answers with the new ones
		func() { d.function("refund").Close() },  // a new process
		func() { d.fake.SetKeys(before, after) }, // and with the old ones again
		func() { d.fake.SetKeys(after) },         // the old ones are withdrawn
		func() { d.secrets.put(keysSecret(newAPIKey, newSecretKey)) },
		func() { d.function("refund").Close() },
	} {
		step()
		if a := d.post("/refunds", fmt.Sprint("step-", i), `{"paymentId":"`+p+`","amount":"1"}`); a.Status != http.StatusCreated {
			t.Errorf("step %d: %d %s", i, a.Status, a.Body)
		}
		if got := d.executions(p); got != i+1 {
			t.Errorf("step %d: %d executions", i, got)
		}
	}
	if log := logged(d.t, d.log); bytes.Contains(log, []byte("canary")) {
		t.Errorf("a key stands in the log: %s", log)
	}
}
