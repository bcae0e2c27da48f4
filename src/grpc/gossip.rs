//! The service Gossip: this server leads, and is alone.

use super::convert::{IdForm, id};
use super::proto::client::Empty;
use super::proto::client::gossip::gossip_server::Gossip;
use super::proto::client::gossip::member_info::VNodeState;
use super::proto::client::gossip::{ClusterInfo, EndPoint, MemberInfo};
use super::server::Doors;
use std::net::SocketAddr;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service, at the address that the server listens on.
pub(super) struct GossipService {
    pub doors: Arc<Doors>,
    pub address: SocketAddr,
}

#[tonic::async_trait]
impl Gossip for GossipService {
    async fn read(&self, request: Request<Empty>) -> Result<Response<ClusterInfo>, Status> {
        // A server that listens everywhere is reached where this caller reached it.
        let reached = request.local_addr().unwrap_or(self.address);
        let now = self.doors.app.clock.now_us();
        let member = MemberInfo {
            instance_id: Some(id(self.doors.instance, IdForm::Structured)),
            time_stamp: now.saturating_mul(10),
            state: VNodeState::Leader.into(),
            is_alive: true,
            http_end_point: Some(EndPoint { address: reached.ip().to_string(), port: u32::from(reached.port()) }),
        };
        Ok(Response::new(ClusterInfo { members: vec![member] }))
    }
}
