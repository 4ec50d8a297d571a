package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestNothingOfTheLambdasIsLinked: this program needs nothing but Go, so what reads AWS's configuration and secrets stays
// out of it.
func TestNothingOfTheLambdasIsLinked(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "github.com/iade/iade/internal/payment\n") {
		t.Fatalf("the list is not one of dependencies: %s", out)
	}
	for pkg := range strings.Lines(string(out)) {
		for _, forbidden := range []string{
			"github.com/iade/iade/internal/app", "github.com/iade/iade/functions", "github.com/aws/aws-sdk-go-v2/config",
			"github.com/aws/aws-sdk-go-v2/service/secretsmanager",
		} {
			if pkg = strings.TrimSpace(pkg); pkg == forbidden || strings.HasPrefix(pkg, forbidden+"/") {
				t.Errorf("%s is linked", pkg)
			}
		}
	}
}
