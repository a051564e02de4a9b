#!/usr/bin/env bash
# build.sh DIR   makes, in DIR, a machine with an RDMA device: QEMU, Debian's kernel with Soft-RoCE, and an initrd with the verbs libraries.
#
# Debian's packages are downloaded and unpacked; nothing is installed. DIR has no paths inside: it can be moved, archived and cached, and with it no
# network is needed. It holds only what its own machine lacks, so use it on machines of the same image. Where DIR is up to date, this returns at once.
# Needs Debian or Ubuntu on amd64, with apt (as root where its lists are stale).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$(realpath -m "$1")
libraries=usr/lib/x86_64-linux-gnu

recipe=$(cat "$here/build.sh" "$here/init" | sha256sum | cut -c1-16)
if [ "$(cut -d' ' -f1 "$target/version" 2>/dev/null)" = "$recipe" ]; then exit 0; fi

work=$target.making.$$
trap 'rm -rf "$work"' EXIT
initrd=$work/initrd
mkdir -p "$work"/{packages,qemu,kernel} "$initrd"/{bin,modules,proc,sys,dev,host,changes,root,add}

# What is needed and, of what that depends on, what this machine lacks (a line 'Inst name [old version]' would be an upgrade: not wanted).
with_missing() {
  printf '%s\n' "$@"
  apt-get install --simulate --no-install-recommends "$@" | awk '/^Inst/ && $3 !~ /^\[/ { print $2 }'
}
download() {
  mkdir -p "$work/packages/$1" && cd "$work/packages/$1" && shift &&
    apt-get --quiet=2 --option APT::Sandbox::User=root download $(printf '%s\n' "$@" | sort -u)
}
download_all() {
  # Of the kernels, the one that is not for clouds: those have neither Soft-RoCE nor the file system that is shared with the host.
  kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
  [ -n "$kernel" ] || return 1
  local machine=(qemu-system-x86 qemu-system-common qemu-system-data seabios busybox-static kmod)
  local verbs=(libibverbs1 ibverbs-providers libnl-3-200 libnl-route-3-200)
  command -v xz >/dev/null || machine+=(xz-utils)
  command -v rdma >/dev/null || verbs+=(iproute2)
  (download machine $(with_missing "${machine[@]}")) && (download verbs $(with_missing "${verbs[@]}")) && (download kernel "$kernel")
}
if ! download_all; then
  rm -rf "$work"/packages/*
  apt-get --quiet=2 update
  download_all
fi

# On a machine of today /lib is /usr/lib.
unpack() {
  local package folder
  for package in "$work/packages/$1"/*.deb; do dpkg-deb -x "$package" "$2"; done
  for folder in bin sbin lib lib64; do
    [ -d "$2/$folder" ] || continue
    mkdir -p "$2/usr/$folder"
    cp -a "$2/$folder/." "$2/usr/$folder/"
    rm -r "${2:?}/$folder"
  done
}
unpack machine "$work/qemu"
unpack verbs "$initrd/add"
for package in "$work"/packages/kernel/*.deb; do dpkg-deb -x "$package" "$work/kernel"; done
version=${kernel#linux-image-}

# Of the drivers of libibverbs only Soft-RoCE's, and no documentation.
find "$initrd/add/$libraries/libibverbs" ! -type d ! -name 'librxe*' -delete
find "$initrd/add/etc/libibverbs.d" -type f ! -name 'rxe*' -delete
rm -rf "$initrd"/add/usr/share "$initrd"/add/etc/{bpf*,iproute2.d}

# Programs out of the packages run with the libraries beside them.
unpacked() { LD_LIBRARY_PATH="$work/qemu/$libraries" "$@"; }
xz=$(command -v xz || echo "$work/qemu/usr/bin/xz")

# The kernel out of its compressed image: it starts some seconds sooner without a processor of its own to unpack it.
is_elf() { [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; }
image=$work/kernel/boot/vmlinuz-$version
for offset in $(LC_ALL=C grep -aboP '\xfd7zXZ\x00' "$image" | cut -d: -f1); do
  tail -c +$((offset + 1)) "$image" | unpacked "$xz" -dcq --single-stream > "$work/vmlinux" 2>/dev/null || true
  is_elf "$work/vmlinux" && break
done
is_elf "$work/vmlinux" || cp "$image" "$work/vmlinux"

# The initrd: a shell, the kernel's modules in the order in which they load, the verbs, and what to do first. Soft-RoCE needs crc32 to be there.
cp "$work/qemu/usr/bin/busybox" "$initrd/bin/"
ln -s busybox "$initrd/bin/sh"
install -m 755 "$here/init" "$initrd/init"
for name in depmod modprobe; do ln -s "$work/qemu/usr/bin/kmod" "$work/$name"; done
unpacked "$work/depmod" -b "$work/kernel" "$version"
for module in virtio_pci virtio_console 9p 9pnet_virtio overlay crc32_generic rdma_rxe dummy; do
  unpacked "$work/modprobe" -d "$work/kernel" -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
  name=$(basename "${file%.xz}")
  case $file in
    *.xz) unpacked "$xz" -dc "$file" > "$initrd/modules/$name" ;;
    *) cp "$file" "$initrd/modules/$name" ;;
  esac
  echo "$name" >> "$initrd/modules/order"
done
(cd "$initrd" && find . | bin/busybox cpio -o -H newc 2>/dev/null) > "$work/initrd.cpio"

# What runs is kept, and only what is whole takes DIR's place.
(
  cd "$work/qemu/usr"
  find bin ! -type d ! -name qemu-system-x86_64 -delete
  find lib/x86_64-linux-gnu/qemu -name '*.so' ! -name accel-tcg-x86_64.so -delete
  find share -mindepth 1 -maxdepth 1 ! -name qemu ! -name seabios -exec rm -rf {} +
  rm -rf sbin lib/{qemu,ipxe,udev,systemd,tmpfiles.d} ../etc ../var
)
rm -rf "$work"/{packages,kernel,initrd,depmod,modprobe}
mv "$work/initrd.cpio" "$work/initrd"
echo "$recipe $version" > "$work/version"
rm -rf "$target"
mkdir -p "$(dirname "$target")"
mv -T "$work" "$target"
echo "$target: $version, $(du -sm "$target" | cut -f1) MB, made in $SECONDS s"
