package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/iade/iade/internal/ingress"
)

// token is one line of the tokens file: who brings the token with that hash has the scope.
type token struct {
	scope ingress.Scope
	sum   [sha256.Size]byte
}

// tokenScopes are the scopes that a token may have. One token may stand on several lines.
var tokenScopes = []ingress.Scope{ingress.ScopeWrite, ingress.ScopeRead, ingress.ScopeOperator}

// readTokens reads the file that API_TOKENS_FILE names: lines of a scope and a token's SHA-256 in hexadecimal, empty lines
// and lines that begin with #. No file gives none. Its error names the line and never what should be secret.
func readTokens(path string) ([]token, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: API_TOKENS_FILE: %w", err)
	}
	var tokens []token
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		one, fault := parseToken(line)
		if fault != "" {
			return nil, errors.Join(fmt.Errorf("configuration: API_TOKENS_FILE, %s line %d: %s", path, number, fault), file.Close())
		}
		tokens = append(tokens, one)
	}
	if err := errors.Join(lines.Err(), file.Close()); err != nil {
		return nil, fmt.Errorf("configuration: API_TOKENS_FILE: %w", err)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("configuration: API_TOKENS_FILE, %s, has no token: nobody could call", path)
	}
	return tokens, nil
}

func parseToken(line string) (one token, fault string) {
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return token{}, "must be a scope, a space and the token's SHA-256"
	}
	one.scope = ingress.Scope(fields[0])
	if !slices.Contains(tokenScopes, one.scope) {
		return token{}, "the scope must be write, read or operator"
	}
	if n, err := hex.Decode(one.sum[:], []byte(fields[1][:min(len(fields[1]), 2*sha256.Size)])); err != nil || n != sha256.Size || len(fields[1]) != 2*sha256.Size {
		return token{}, "the second word must be a SHA-256: 64 hexadecimal digits (printf %s \"$TOKEN\" | sha256sum)"
	}
	if one.sum == sha256.Sum256(nil) {
		return token{}, "the second word is the SHA-256 of an empty token"
	}
	return one, ""
}

// bearerOf gives the scopes of the bearer token that a request brings, and who brings it, for the journal: the beginning of
// the token's hash, which stands in API_TOKENS_FILE. Both are empty if it brings none that is known. How long that takes
// tells nothing of a token: every line is compared, by hash.
func bearerOf(tokens []token, r *http.Request) (scopes []ingress.Scope, name string) {
	kind, brought, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return nil, ""
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(brought)))
	for _, one := range tokens {
		if subtle.ConstantTimeCompare(sum[:], one.sum[:]) == 1 {
			scopes = append(scopes, one.scope)
		}
	}
	if len(scopes) > 0 {
		name = "token:" + hex.EncodeToString(sum[:6])
	}
	return scopes, name
}
