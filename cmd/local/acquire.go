package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// acquire takes the folder and the addresses. What others hold of them is told in one line, with the flags that choose
// others.
func (y *System) acquire(ctx context.Context, o options, ownFake bool) error {
	var taken, flags []string
	var other []error
	note := func(err error, what, flagName string) {
		switch {
		case err == nil:
		case errors.Is(err, errInUse), errors.Is(err, errTaken):
			taken, flags = append(taken, what), append(flags, flagName)
		default:
			other = append(other, err)
		}
	}
	var err error
	y.folder, err = claim(o.data, o.reset)
	note(err, "folder "+o.data, "-data")
	y.Folder = o.data
	addresses := []struct{ addr, flagName string }{{o.addr, "-addr"}}
	if ownFake {
		addresses = append(addresses, struct{ addr, flagName string }{o.iyzicoAddr, "-iyzico-addr"})
		if !servesLoopback(o.iyzicoAddr) {
			other = append(other, fmt.Errorf("-iyzico-addr: %s is not an address of this machine alone, which is all that the API talks to without TLS", o.iyzicoAddr))
		}
	}
	for _, a := range addresses {
		s, err := listen(ctx, a.addr)
		note(err, "address "+a.addr, a.flagName)
		if err == nil {
			y.sites = append(y.sites, s)
		}
	}
	if len(taken) > 0 {
		other = append(other, inUse(taken, flags))
	}
	return errors.Join(other...)
}

func inUse(taken, flags []string) error {
	verb, them := "is", "stop what uses it, or choose another"
	if len(taken) > 1 {
		verb, them = "are", "stop what uses them, or choose others"
	}
	return fmt.Errorf("%s %s in use: %s with %s", enumerate(taken), verb, them, enumerate(flags))
}

func enumerate(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// wayOut says what to do about a file in the folder that another process holds, or that is damaged.
func wayOut(err error) error {
	switch {
	case errors.Is(err, iyzicotest.ErrInUse):
		return fmt.Errorf("%w: stop that one, or choose another with -data", err)
	case errors.Is(err, bolt.ErrInUse):
		return fmt.Errorf("%w with -data", err)
	case errors.Is(err, bolt.ErrDamaged):
		return fmt.Errorf("%w, as docs/one-machine.md says, or choose another folder with -data", err)
	case errors.Is(err, errFake):
		return fmt.Errorf("%w: start afresh with -reset, or choose another folder with -data", err)
	}
	return err
}

// errFake marks what is wrong with the fake's own files.
var errFake = errors.New("start the fake iyzico")

// servesLoopback tells whether clients on this machine reach the address by a loopback one.
func servesLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return true // listening says what is wrong
	}
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
