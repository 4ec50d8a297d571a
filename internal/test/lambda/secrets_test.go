package lambda_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// secretARN names the one secret that the test's Secrets Manager holds.
const secretARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:iyzico-AbCdEf"

// callbackARN names the callback's secret, where a test puts one.
const callbackARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:callback-AbCdEf"

// secretsManager is as much of AWS Secrets Manager as a function uses: GetSecretValue in its JSON 1.1 protocol.
type secretsManager struct {
	url string

	mu            sync.Mutex
	secret        string
	callback      string // the callback's secret
	reads         int    // of the first
	callbackReads int
	down          bool
}

func startSecretsManager(t testing.TB, secret string) *secretsManager {
	t.Helper()
	s := &secretsManager{secret: secret}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// keysSecret is the secret's text for a pair of keys.
func keysSecret(apiKey, secretKey string) string {
	text, err := json.Marshal(map[string]string{"apiKey": apiKey, "secretKey": secretKey})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// put changes the secret, as a rotation does.
func (s *secretsManager) put(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = secret
}

// putCallback changes the callback's secret.
func (s *secretsManager) putCallback(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callback = secret
}

// fail makes it refuse from now on.
func (s *secretsManager) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = true
}

// count is how often the secret was asked for.
func (s *secretsManager) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// ServeHTTP answers GetSecretValue for the one secret.
func (s *secretsManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	refuse := func(errorType string) {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": errorType, "message": "refused by the test"})
	}
	if r.Method != http.MethodPost || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
		refuse("UnknownOperationException")
		return
	}
	var input struct{ SecretId string }
	if err := json.NewDecoder(r.Body).Decode(&input); err != nil || input.SecretId != secretARN && (input.SecretId != callbackARN || s.callback == "") {
		refuse("ResourceNotFoundException")
		return
	}
	if input.SecretId == callbackARN {
		s.callbackReads++
		_ = json.NewEncoder(w).Encode(map[string]any{"ARN": callbackARN, "Name": "callback", "SecretString": s.callback})
		return
	}
	s.reads++
	if s.down {
		refuse("AccessDeniedException")
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"ARN": secretARN, "Name": "iyzico", "VersionId": "v1", "VersionStages": []string{"AWSCURRENT"}, "SecretString": s.secret,
	})
}
