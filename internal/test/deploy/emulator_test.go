package deploy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// emulated is an AWS account on this machine (emulator/), a checkout with one commit, and what an operator has at hand: the AWS
// CLI, SAM and the scripts, all led to that account by AWS_ENDPOINT_URL alone.
type emulated struct {
	endpoint, checkout, environment string
	variables                       []string
}

// emulate starts the account. It needs programs that `make tools` fetches.
func emulate(t *testing.T) emulated {
	t.Helper()
	needTools(t)
	for _, file := range []string{".tools/emulator/bin/aws", ".tools/emulator/bin/moto_server"} {
		if _, err := os.Stat(file); err != nil {
			need.Missing(t, "moto and the AWS CLI", "make tools")
		}
	}
	for _, program := range []string{"bash", "git", "make", "curl"} {
		need.Program(t, program, "install it")
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	a := emulated{endpoint: "http://127.0.0.1:" + port, environment: map[string]string{"arm64": "default"}[runtime.GOARCH]}
	if a.environment == "" {
		a.environment = "x86"
	}
	bin := t.TempDir()
	// Nobody waits here for real: a restore waits for one SettleWindow.
	if err := os.WriteFile(filepath.Join(bin, "sleep"), []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := []string{bin, filepath.Join(root, ".tools/emulator/bin"), filepath.Join(root, ".tools/venv/bin"), os.Getenv("PATH")}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "PATH=") {
			a.variables = append(a.variables, variable)
		}
	}
	a.variables = append(a.variables, "PATH="+strings.Join(path, string(os.PathListSeparator)), "AWS_ENDPOINT_URL="+a.endpoint,
		"AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_EC2_METADATA_DISABLED=true",
		"SAM_CLI_TELEMETRY=0", "SAM_CLI_POLL_DELAY=0.5", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@t", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@t")
	invoker := httptest.NewServer(a.invoker(t))
	t.Cleanup(invoker.Close)
	command := exec.CommandContext(t.Context(), ".tools/emulator/bin/python", "internal/test/deploy/emulator/emulator.py", port, t.TempDir())
	command.Env = append(a.variables, "IADE_INVOKER="+invoker.URL, "PYTHONDONTWRITEBYTECODE=1")
	startUntil(t, command, command.StderrPipe, "Running on")
	a.checkout = t.TempDir()
	a.mustRun(t, "git", "init", "-q")
	files := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard", "-z")
	listed, err := files.Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		copyFile(t, file, filepath.Join(a.checkout, file))
	}
	a.mustRun(t, "git", "add", "-A")
	return a
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Lstat(from)
	if err != nil || !info.Mode().IsRegular() {
		return // it is deleted, or a link of this machine
	}
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.WriteFile(to, data, info.Mode())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// release commits what the checkout holds and tags it.
func (a emulated) release(t *testing.T, version string) {
	t.Helper()
	a.mustRun(t, "git", "commit", "-q", "--allow-empty", "-m", version)
	a.mustRun(t, "git", "tag", version)
}

// run runs a documented command in the checkout, as an operator who answers y, and gives what it said.
func (a emulated) run(t *testing.T, name string, arguments ...string) (string, error) {
	t.Helper()
	began := time.Now()
	command := exec.CommandContext(t.Context(), "bash", append([]string{"-c", `exec "$0" "$@"`, name}, arguments...)...)
	command.Dir, command.Env, command.Stdin = a.checkout, a.variables, strings.NewReader("y\n")
	out, err := command.CombinedOutput()
	t.Logf("%s %s: %s", name, strings.Join(arguments, " "), time.Since(began).Round(100*time.Millisecond))
	return string(out), err
}

func (a emulated) mustRun(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	said, err := a.run(t, name, arguments...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, lastOf(said))
	}
	return said
}

// lastOf is the end of what a program said, without the progress of uploads.
func lastOf(said string) string {
	if i := strings.LastIndex(said, "Uploading to"); i >= 0 {
		said = said[i:]
	}
	return said[max(0, len(said)-6000):]
}

// ask calls a service of the account and decodes its answer.
func (a emulated) ask(t *testing.T, service, method, path string, body []byte) (status int, answer []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.endpoint+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

var (
	invokedByAPI = regexp.MustCompile(`^arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/(arn:[\w:-]+)/invocations$`)
	anyParameter = regexp.MustCompile(`\{\w+\}`)
)

// answered is what a caller of the API gets.
type answered struct {
	StatusCode int
	Body       string
}

func (r answered) member(t *testing.T, name string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(r.Body), &members); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	return fmt.Sprint(members[name])
}

// call is a request to the deployed API: its route's integration says which function is invoked, as for API Gateway.
func (a emulated) call(t *testing.T, api, method, path, key, body string) answered {
	t.Helper()
	var routes struct {
		Items []struct{ RouteKey, Target string }
	}
	_, data := a.ask(t, "apigateway", http.MethodGet, "/v2/apis/"+api+"/routes", nil)
	if err := json.Unmarshal(data, &routes); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	for _, route := range routes.Items {
		if !regexp.MustCompile("^" + anyParameter.ReplaceAllString(route.RouteKey, `[^/]+`) + "$").MatchString(method + " " + path) {
			continue
		}
		var integration struct{ IntegrationURI string }
		_, data := a.ask(t, "apigateway", http.MethodGet, "/v2/apis/"+api+"/"+route.Target, nil)
		if err := json.Unmarshal(data, &integration); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		match := invokedByAPI.FindStringSubmatch(integration.IntegrationURI)
		if match == nil {
			t.Fatalf("%s goes to %s", route.RouteKey, data)
		}
		event, err := json.Marshal(object{
			"version": "2.0", "routeKey": route.RouteKey, "rawPath": path, "body": body,
			"headers":        object{"content-type": "application/json", "idempotency-key": key},
			"pathParameters": object{"id": path[strings.LastIndex(path, "/")+1:], "paymentId": path[strings.LastIndex(path, "/")+1:]},
			"requestContext": object{"http": object{"method": method, "path": path}, "requestId": "r", "stage": "$default"},
		})
		if err != nil {
			t.Fatal(err)
		}
		status, data := a.ask(t, "lambda", http.MethodPost, "/2015-03-31/functions/"+url.PathEscape(match[1])+"/invocations", event)
		var answer answered
		if err := json.Unmarshal(data, &answer); err != nil || status != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, status, data)
		}
		return answer
	}
	t.Fatalf("the API has no route for %s %s", method, path)
	return answered{}
}

// invoker runs functions: a process of the code that was deployed, with the variables that it has there.
func (a emulated) invoker(t *testing.T) http.HandlerFunc {
	log := &runtimeapi.Log{}
	return func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Code, Architecture, Event string
			Variables                 map[string]string
			Timeout                   int
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		outcome := struct {
			Failed bool
			Answer string
		}{true, fmt.Sprintf(`{"errorMessage":"it is built for %s and cannot run here"}`, request.Architecture)}
		if request.Architecture == map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH] {
			variables := []string{"AWS_ENDPOINT_URL=" + a.endpoint, "AWS_REGION=eu-central-1", "AWS_EC2_METADATA_DISABLED=true"}
			for name, value := range request.Variables {
				if value == "" && strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
					value = a.endpoint // an empty one means AWS's own, which is here
				}
				variables = append(variables, name+"="+value)
			}
			environment := runtimeapi.NewEnvironment(runtimeapi.Config{
				Bootstrap: request.Code, Env: variables, Timeout: time.Duration(request.Timeout) * time.Second, Log: log,
			})
			defer environment.Kill()
			answer, err := environment.Invoke(context.WithoutCancel(r.Context()), []byte(request.Event))
			if err != nil {
				message, _ := json.Marshal(map[string]string{"errorMessage": err.Error()}) // a string always encodes
				answer = message
			}
			outcome.Failed, outcome.Answer = err != nil, string(answer)
		}
		if err := json.NewEncoder(w).Encode(outcome); err != nil {
			t.Error(err)
		}
	}
}
