package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// command is one subcommand.
type command struct {
	name     string
	operands string // as the help writes them: "ID", "[DATE]"
	least    int    // operands that are needed
	most     int    // operands that may be given
	does     text   // one line
	more     func(w io.Writer)
	// setup defines the command's own flags and gives what it does once they are read. code is the exit code; an error was
	// not told to anybody yet.
	setup func(flags *flag.FlagSet, k *call) func(ctx context.Context) (code int, err error)
}

// call is one run of a command.
type call struct {
	console
	api      string
	asJSON   bool
	lang     language
	colours  bool
	operands []string
}

// commands lists the subcommands in the order of the help.
func commands() []command {
	return []command{
		{"get", "ID", 1, 1, text{"where the money of an operation or of a payment is, and what to tell the customer",
			"bir işlemin veya ödemenin parası nerede, müşteriye ne denir"}, nil, getCommand},
		{"list", "", 0, 0, text{"operations by status, kind, day, payment or order number; without a filter: what is unfinished",
			"duruma, türe, güne, ödemeye veya sipariş numarasına göre işlemler; süzgeç yoksa: bitmemiş olanlar"}, nil, listCommand},
		{"history", "ID", 1, 1, text{"every recorded change of an operation, and what it rests on", "bir işlemin kayıtlı her değişikliği ve dayanağı"}, nil, historyCommand},
		{"check", "ID", 1, 1, text{"reads iyzico now, instead of when it is due; sends no money", "zamanını beklemeden iyzico'yu şimdi okur; para göndermez"}, nil, checkCommand},
		{"resolve", "ID", 1, 1, text{"records a person's decision on an operation that waits for one", "kişi kararı bekleyen bir işlem için kararı kaydeder"}, nil, resolveCommand},
		{"day", "[DATE]", 0, 1, text{"iyzico's books beside iade's for a day of Istanbul (yesterday); -close closes it now",
			"İstanbul gününde (dün) iyzico'nun ve iade'nin kayıtları; -close günü şimdi kapatır"}, nil, dayCommand},
		{"explain", "[CODE]", 0, 1, text{"what an error code of iyzico's, a problem or a status of iade's means", "iyzico'nun hata kodu, iade'nin sorunu veya durumu ne demek"}, nil, explainCommand},
		{"doctor", "", 0, 0, text{"looks for what is wrong, and says what to do about each", "neyin yanlış olduğuna bakar, her biri için ne yapılacağını söyler"}, nil, doctorCommand},
		{"console", "", 0, 0, text{"pages for people, in the browser: search, give back, decide, close days, with your credentials",
			"tarayıcıda sayfalar: arama, para iadesi, karar, gün kapatma; sizin kimlik bilgilerinizle"}, nil, consoleCommand},
		{"bulk", "FILE.csv", 0, 2, text{"refunds what a file lists", "bir dosyadaki iadeleri yapar"}, bulkHelp, bulkSetup},
		{"completion", "bash|zsh|fish", 1, 1, text{"the shell's script that completes commands and flags", "komutları ve seçenekleri tamamlayan kabuk betiği"}, nil, completionCommand},
	}
}

func commandOf(name string) (command, bool) {
	for _, one := range commands() {
		if one.name == name {
			return one, true
		}
	}
	return command{}, false
}

// flags defines the flags that every command takes, and the command's own.
func (m command) flags(k *call) (*flag.FlagSet, func(context.Context) (int, error)) {
	flags := flag.NewFlagSet("iade "+m.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&k.api, "api", "http://127.0.0.1:8080", "`address` of iade's API")
	flags.BoolVar(&k.asJSON, "json", false, "write JSON, as the API gives it, for programs")
	flags.Func("lang", "`language` for people: tr or en (default: of LC_ALL, LC_MESSAGES, LANG)", func(s string) error {
		if s != string(turkish) && s != string(english) {
			return errors.New("must be tr or en")
		}
		k.lang = language(s)
		return nil
	})
	return flags, m.setup(flags, k)
}

// parse reads the command line; flags may stand before and after the operands.
func (k *call) parse(flags *flag.FlagSet, args []string) error {
	rest := k.numbers(flags, args)
	for {
		if err := flags.Parse(rest); err != nil {
			return err // the flag's own sentence, for the user
		}
		if flags.NArg() == 0 {
			return nil
		}
		k.operands, rest = append(k.operands, flags.Arg(0)), flags.Args()[1:]
	}
}

// numbers takes what is a negative number and no flag's value for an operand (iyzico has an error code -1), and gives the rest.
func (k *call) numbers(flags *flag.FlagSet, args []string) []string {
	var rest []string
	for i, arg := range args {
		_, err := strconv.ParseUint(strings.TrimPrefix(arg, "-"), 10, 64)
		if err != nil || !strings.HasPrefix(arg, "-") || i > 0 && takesValue(flags, args[i-1]) {
			rest = append(rest, arg)
			continue
		}
		k.operands = append(k.operands, arg)
	}
	return rest
}

// takesValue tells whether an argument is a flag whose value is the next one.
func takesValue(flags *flag.FlagSet, arg string) bool {
	f := flags.Lookup(strings.TrimLeft(arg, "-"))
	if f == nil || !strings.HasPrefix(arg, "-") {
		return false
	}
	yesNo, ok := f.Value.(interface{ IsBoolFlag() bool })
	return !ok || !yesNo.IsBoolFlag()
}

func (m command) fits(operands []string) error {
	switch n := len(operands); {
	case n < m.least:
		return fmt.Errorf("%s is needed", m.operands)
	case n > m.most:
		return fmt.Errorf("%q is one too many", plain(operands[n-1]))
	}
	return nil
}

// help says all about one command.
func (m command) help(w io.Writer, l language) {
	if m.more != nil {
		m.more(w)
	} else {
		say(w, "%s\n\n  %s\n\n", m.usage(), m.does.In(l))
	}
	flags, _ := m.flags(&call{console: console{getenv: func(string) string { return "" }}})
	flags.SetOutput(w)
	flags.PrintDefaults()
}

func (m command) usage() string { return strings.TrimSpace("iade " + m.name + " " + m.operands) }

// help serves `iade help [COMMAND]`.
func help(args []string, c console) int {
	l := languageOf(c.getenv)
	if len(args) > 0 {
		if one, ok := commandOf(args[0]); ok {
			one.help(c.out, l)
			return exitDone
		}
	}
	overview(c.out, l)
	return exitDone
}

// overview lists the commands and the exit codes.
func overview(w io.Writer, l language) {
	for _, one := range commands() {
		say(w, "%-30s %s\n", one.usage(), one.does.In(l))
	}
	say(w, "\n%s\n", text{
		"iade COMMAND -help lists a command's flags. All take -api URL, -json and -lang tr|en.",
		"iade KOMUT -help seçenekleri sayar. Hepsi -api URL, -json ve -lang tr|en alır.",
	}.In(l))
	say(w, "%s\n\n", text{
		"An API that is not on this machine is called with " + jwtVariable + ", else with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.",
		"Bu makinede olmayan bir API " + jwtVariable + " ile, yoksa AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN ile çağrılır.",
	}.In(l))
	for _, code := range exitCodes() {
		say(w, "%s %d: %s\n", text{"exit code", "çıkış kodu"}.In(l), code.code, code.means.In(l))
	}
}

// exitCodes are the exit codes in words.
func exitCodes() []struct {
	code  int
	means text
} {
	return []struct {
		code  int
		means text
	}{
		{exitDone, text{"done, and nothing is left to do", "tamam, yapılacak bir şey kalmadı"}},
		{exitSomeNot, text{"answered, but it is a no, or something is left to do", "yanıt geldi, ama yanıt hayır, veya yapılacak bir şey var"}},
		{exitBadFile, text{"the command line or a file is at fault: nothing was sent", "komut satırı veya dosya hatalı: hiçbir şey gönderilmedi"}},
		{exitNoAnswer, text{"no usable answer: the API was not reached, or did not let you in, or could not answer",
			"yanıt alınamadı: API'ye ulaşılamadı, izin vermedi veya yanıt veremedi"}},
	}
}
