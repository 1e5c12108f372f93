"""Two commands that start Hipache, and nginx, measured in turn in the same rounds: paired.py "COMMAND {config}" "COMMAND {config}"."""
import sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'scripts' / 'bench.d'))
from job import start_job
from processes import cpu, tree, bounded
from programs import HOST, get, until
from proxies import start_ours, start_nginx
from rounds import Bench
from report import Spread
def run(d,stack):
    job=start_job(d,lambda s: stack.callback(s.stop))
    b=Bench(job.bodies, job.backend.pid, job.redis, job.backend_port)
    P={}
    for n,c in (('epoll', sys.argv[1]), ('uring', sys.argv[2])):
        f=d/n; f.mkdir(); p=start_ours(c,f,job.redis.port); stack.callback(p.started.stop)
        until(p.started,'answers',lambda: get(p.port,HOST,'/small')[0]==200); P[n]=p
    f=d/'n'; f.mkdir(); P['nginx']=start_nginx('nginx',f,job.backend_port,None); stack.callback(P['nginx'].started.stop)
    for w in ('small','connect'):
        for _ in range(2):
            for n in ('epoll','uring'): b.load(P[n],w,8)
    for w in ('connect','small'):
        r={n:[] for n in P}
        for i in range(6):
            for n in (list(P) if i%2==0 else list(P)[::-1]):
                x=cpu(tree(P[n].started.pid)); l=b.load(P[n],w,2); y=cpu(tree(P[n].started.pid))
                r[n].append((1e6*(y.total-x.total)/l.requests,1e6*(y.user-x.user)/l.requests,1e6*(y.system-x.system)/l.requests))
        for k,name in enumerate(('CPU','user','system')):
            print(w,name,*[f"{n} {Spread.of(v[k] for v in r[n]).text(1)}" for n in P],'uring/epoll',Spread.of(a[k]/c[k] for a,c in zip(r['uring'],r['epoll'])).text(2),'epoll/nginx',Spread.of(a[k]/c[k] for a,c in zip(r['epoll'],r['nginx'])).text(2),'uring/nginx',Spread.of(a[k]/c[k] for a,c in zip(r['uring'],r['nginx'])).text(2),flush=True)
    return 0
bounded('paired',400,run)
