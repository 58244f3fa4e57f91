package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
)

// socketMode lets the owner and the group connect: the proxy's user must be in the
// group.
const socketMode = 0o660

// listenSocket listens on a Unix socket. One that a killed process left behind is
// replaced; one that is served, and any other file, is not.
func listenSocket(ctx context.Context, path, setting string) (net.Listener, error) {
	if err := removeStale(ctx, path); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with %s", path, err, setting)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err == nil {
		err = os.Chmod(path, socketMode)
	}
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op.Err // without the path, which the message already contains
		}
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with %s", path, err, setting)
	}
	return listener, nil
}

func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("the file is not a socket")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(errors.New("another server uses it"), conn.Close())
	}
	return os.Remove(path)
}
