# Within the guest: a network device that goes nowhere, an RDMA device over it, then the command that run.sh was given.
export PATH="$(cat /run/guest/path)" HOME=/ LANG=C.UTF-8 NO_COLOR=1 TERM=dumb
ip link set lo up
ip link add wire type dummy
ip link set wire mtu 9000
ip address add 10.9.0.1/24 dev wire
ip link set wire up
rdma link add rxe0 type rxe netdev wire
ulimit -l unlimited
stty raw -F /dev/hvc0
cd "$(cat /run/guest/folder)" && sh /run/guest/command </dev/null >/dev/hvc0 2>&1
echo $? > /run/guest/code
echo o > /proc/sysrq-trigger
while :; do :; done
