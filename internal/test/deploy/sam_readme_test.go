package deploy_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// followTheDocument runs `make sam-host` and the invocations of docs/deploy.md as they stand, but for the ports.
func followTheDocument(t *testing.T) {
	engine, iyzico := freePort(t), freePort(t)
	host := exec.Command("build/sam-host.sh") // make would keep the interrupt to itself
	host.Env = append(os.Environ(), "ENGINE_PORT="+engine, "IYZICO_PORT="+iyzico)
	startUntil(t, host, host.StdoutPipe, "Ctrl-C ends both")
	ports := strings.NewReplacer(":8000", ":"+engine, ":8081", ":"+iyzico)
	environment := environmentFile(t, func(_ string, variables map[string]string) {
		for name, value := range variables {
			variables[name] = ports.Replace(value)
		}
	})
	found := 0
	for _, command := range commands(chapter(t, "Trying the functions on your machine"), "sam") {
		words := strings.Fields(command)
		if !strings.HasPrefix(command, "sam local invoke ") {
			continue
		}
		found++
		words[slices.Index(words, "events/env.json")] = environment
		answer := invokeLocally(t, words[3:]...)
		if status, _ := read(t, answer); status/100 != 2 {
			t.Errorf("%s: %s", command, answer)
		}
	}
	if found == 0 {
		t.Error("the chapter invokes nothing")
	}
}
