package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

// completing is the hidden command that the shells' scripts call with the words typed so far, the unfinished one last.
const completing = "__complete"

var completionScripts = map[string]string{
	"bash": `_iade() {
  local IFS=$'\n'
  COMPREPLY=($(iade __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _iade iade
`,
	"zsh": `#compdef iade
_iade() {
  local -a found
  found=("${(@f)$(iade __complete "${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _iade iade
`,
	"fish": `complete -c iade -n 'not __fish_seen_subcommand_from bulk' -f
complete -c iade -a '(iade __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

// completionCommand writes the script of one shell.
func completionCommand(_ *flag.FlagSet, k *call) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		script, ok := completionScripts[k.operands[0]]
		if !ok {
			return exitBadFile, before(fmt.Errorf("the shell must be bash, zsh or fish, not %q", plain(k.operands[0])))
		}
		_, _ = io.WriteString(k.out, script)
		return exitDone, nil
	}
}

// complete writes what the last word may become, a line each: a command, a flag, or a flag's value.
func complete(w io.Writer, words []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	offer := func(candidates ...string) {
		for _, c := range candidates {
			if strings.HasPrefix(c, last) {
				say(w, "%s\n", c)
			}
		}
	}
	if len(words) == 1 {
		for _, one := range commands() {
			offer(one.name)
		}
		offer("help")
		return
	}
	one, ok := commandOf(words[0])
	if !ok {
		return
	}
	if values := flagValues[strings.TrimLeft(words[len(words)-2], "-")]; strings.HasPrefix(words[len(words)-2], "-") && values != nil {
		offer(values...)
		return
	}
	if one.name == "completion" {
		offer("bash", "zsh", "fish")
	}
	if strings.HasPrefix(last, "-") {
		flags, _ := one.flags(&call{console: console{getenv: func(string) string { return "" }}})
		flags.VisitAll(func(f *flag.Flag) { offer("-" + f.Name) })
	}
}

// flagValues are the values of flags that take one of a few words.
var flagValues = map[string][]string{
	"lang":     {"en", "tr"},
	"decision": {"not_executed", "succeeded"},
	"order":    {"asc", "desc"},
	"decimal":  {"comma", "point"},
	"kind":     {"balance_refund", "cancel", "fund_payment", "refund", "reversal"},
	"status": {
		"awaiting_customer", "awaiting_merchant", "expired", "in_review", "needs_review", "not_executed", "not_sent", "partially_succeeded", "processing",
		"rejected", "succeeded", "unfinished", "unknown",
	},
}
