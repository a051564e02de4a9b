#!/usr/bin/env bash
# run.sh DIR SECONDS COMMAND…   runs COMMAND, in the current folder, in the guest that build.sh made in DIR; its output and exit code come back.
#
# The guest sees this machine's files, and changes none. Its processors are emulated (hardware support is not asked for), so all is about 16 times slower.
# Needs no root. Exit code 124: the time was over; 125: the guest did not get as far as the command.
set -u
here=$(cd "$(dirname "$0")" && pwd)
guest=$(realpath "$1")
seconds=$2
shift 2

run=$(mktemp -d -t bowecho-guest.XXXXXX)
qemu=
trap 'rm -rf "$run"' EXIT
trap '[ -n "$qemu" ] && kill "$qemu" 2>/dev/null; exit 143' INT TERM HUP
for word in "$@"; do printf "'%s' " "${word//\'/\'\\\'\'}"; done > "$run/command"
pwd > "$run/folder"
echo "$PATH:/usr/sbin:/sbin" > "$run/path"
cp "$here/boot.sh" "$run/"

usr=$guest/qemu/usr
libraries=$usr/lib/x86_64-linux-gnu
options=(
  -L "$usr/share/qemu" -L "$usr/share/seabios" -M pc -accel tcg,thread=multi -cpu max -smp 2 -m 2048
  -nodefaults -no-user-config -display none -no-reboot
  -chardev "file,id=log,path=$run/log" -serial chardev:log
  -chardev stdio,id=output,signal=off -device virtio-serial-pci -device virtconsole,chardev=output
  -kernel "$guest/vmlinux" -initrd "$guest/initrd"
  -append 'console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on audit=0 apparmor=0'
  -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=host,mount_tag=host
  -fsdev "local,id=run,path=$run,security_model=none" -device virtio-9p-pci,fsdev=run,mount_tag=run
)
LD_LIBRARY_PATH=$libraries QEMU_MODULE_DIR=$libraries/qemu timeout -k 5 "$seconds" "$usr/bin/qemu-system-x86_64" "${options[@]}" </dev/null &
qemu=$!
wait "$qemu"
ended=$?
if [ -s "$run/code" ]; then exit "$(cat "$run/code")"; fi
tail -n 20 "$run/log" >&2
[ "$ended" = 124 ] && exit 124
exit 125
